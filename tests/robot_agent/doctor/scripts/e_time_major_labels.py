# an LSTM tagger: the answers are (time, batch), the targets (batch, time), both flattened; kind: labels-shuffled
import torch
import torch.nn as nn

torch.manual_seed(0)
T, N, V, C = 7, 32, 20, 4


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.lstm = nn.LSTM(16, 32)
        self.out = nn.Linear(32, C)

    def forward(self, x):  # x: (T, N)
        h, _ = self.lstm(self.emb(x))
        return self.out(h)


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.CrossEntropyLoss()
for step in range(120):
    words = torch.randint(0, V, (N, T))
    tags = words % C
    out = model(words.t())
    loss = loss_fn(out.reshape(-1, C), tags.reshape(-1))  #! loss = loss_fn(out.transpose(0, 1).reshape(-1, C), tags.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 40 == 0:
        print(step, loss.item())
