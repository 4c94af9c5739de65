# kind: made-anew
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
    def forward(self, x):
        x = torch.relu(self.conv(x)).flatten(1)
        fc = nn.Linear(x.shape[1], 3)  #+
        return fc(x)
n = Net(); opt = torch.optim.Adam(n.parameters(), 0.01); X = torch.randn(90, 1, 6, 6); Y = torch.randint(0, 3, (90,))
for e in range(20):
    loss = nn.functional.cross_entropy(n(X), Y); opt.zero_grad(); loss.backward(); opt.step()
