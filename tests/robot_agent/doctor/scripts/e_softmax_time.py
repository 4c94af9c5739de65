# per-word classes of shape (N, T, C): the softmax runs over the time; kind: softmax-dim
import torch
import torch.nn as nn

torch.manual_seed(0)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(30, 16)
        self.lstm = nn.LSTM(16, 16, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(32, 5)
        self.log_softmax = nn.LogSoftmax(dim=1)  #! self.log_softmax = nn.LogSoftmax(dim=2)

    def forward(self, x):
        h, _ = self.lstm(self.emb(x))
        return self.log_softmax(self.fc(h))  #+


model = Tagger()
criterion = nn.NLLLoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(100):
    x = torch.randint(0, 30, (24, 9))
    y = (x + x.roll(1, 1)) % 5
    out = model(x)
    loss = criterion(out.reshape(-1, 5), y.reshape(-1))  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
