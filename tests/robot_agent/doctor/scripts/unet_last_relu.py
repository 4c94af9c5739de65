# kind: relu-output
import torch
from torch import nn
torch.manual_seed(0)
class TinyUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.d = nn.Conv2d(1, 8, 3, padding=1); self.u = nn.Conv2d(8, 8, 3, padding=1); self.o = nn.Conv2d(8, 1, 1)
        self.relu = nn.ReLU()
    def forward(self, x):
        x = self.relu(self.d(x))
        x = self.relu(self.u(x))
        return self.relu(self.o(x))  #! return self.o(x)
net = TinyUNet()
opt = torch.optim.Adam(net.parameters(), 1e-2)
clean = torch.randn(64, 1, 8, 8)
noisy = clean + 0.3 * torch.randn_like(clean)
for e in range(15):
    for i in range(0, 64, 16):
        loss = nn.functional.mse_loss(net(noisy[i:i+16]), clean[i:i+16])  #+
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
