# states of two directions viewed as (batch, features); kind: view-for-transpose
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(800, 12, 4); y = (X[:, :3, 0].sum(1) + X[:, -3:, 1].sum(1) > 0).long()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 24, num_layers=1, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(48, 2)
    def forward(self, x):
        out, (h, c) = self.lstm(x)
        h = h.view(x.size(0), -1) #! h = torch.cat([h[0], h[1]], 1)
        return self.fc(h)
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.005)
for epoch in range(12):
    p = torch.randperm(800)
    for i in range(0, 800, 40):
        b = p[i:i + 40]
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
