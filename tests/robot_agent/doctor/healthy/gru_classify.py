import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.g = nn.GRU(2, 24, batch_first=True); self.f = nn.Linear(24, 2)
    def forward(self, x):
        _, h = self.g(x)
        return self.f(h[-1])
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(300, 12, 2); t = (x[:, :, 0].sum(1) > 0).long()
for ep in range(8):
    for i in torch.randperm(300).split(50):
        loss = nn.functional.cross_entropy(net(x[i]), t[i])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
