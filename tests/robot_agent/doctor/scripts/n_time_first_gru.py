# batch_first=True and a permuted input, last step taken; kind: time-first
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(640, 12, 3); Y = (X[:, :, 0].sum(1) > 0).long()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 24, batch_first=True) #! self.gru = nn.GRU(3, 24)
        self.fc = nn.Linear(24, 2)
    def forward(self, x):
        x = x.permute(1, 0, 2) #+
        out, _ = self.gru(x) #+
        return self.fc(out[-1])
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.005)
for epoch in range(10):
    p = torch.randperm(640)
    for i in range(0, 640, 32):
        b = p[i:i + 32]
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
