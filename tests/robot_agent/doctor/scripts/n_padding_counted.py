# words, filled up with 0 to the longest sentence; kind: imbalanced
import torch
from torch import nn
torch.manual_seed(0)
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(40, 8, padding_idx=0)
        self.rnn = nn.GRU(8, 12, batch_first=True)
        self.out = nn.Linear(12, 12)
    def forward(self, x): return self.out(self.rnn(self.words(x))[0])
net = Tagger()
criterion = nn.CrossEntropyLoss() #! criterion = nn.CrossEntropyLoss(ignore_index=0)
opt = torch.optim.SGD(net.parameters(), lr=0.02)
for step in range(120):
    x, y = torch.zeros(16, 40, dtype=torch.long), torch.zeros(16, 40, dtype=torch.long)
    for i in range(16):
        n = int(torch.randint(1, 4, (1,)))
        words = torch.randint(1, 40, (n,)); x[i, :n] = words; y[i, :n] = 1 + words % 11
    loss = criterion(net(x).reshape(-1, 12), y.reshape(-1)) #+
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
