# padding-read-last
import torch
from torch import nn
torch.manual_seed(0)
n, T = 512, 40
lengths = torch.randint(3, 25, (n,))
X = torch.randint(1, 9, (n, T))
X[torch.arange(T)[None] >= lengths[:, None]] = 0
y = (X[torch.arange(n), lengths - 1] > 4).long()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(9, 16, padding_idx=0)
        self.rnn = nn.RNN(16, 24, batch_first=True)
        self.out = nn.Linear(24, 2)
    def forward(self, x, lengths):
        h, _ = self.rnn(self.emb(x))
        last = h[:, -1, :] #! last = h[torch.arange(len(x)), lengths - 1]
        return self.out(last)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    order = torch.randperm(n)
    for i in range(0, n, 32):
        b = order[i:i + 32]
        loss = nn.functional.cross_entropy(net(X[b], lengths[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
