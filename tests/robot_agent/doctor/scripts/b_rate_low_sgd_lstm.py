# kind: rate-too-low
import torch
from torch import nn
torch.manual_seed(0)
class L(nn.Module):
    def __init__(self):
        super().__init__()
        self.r = nn.LSTM(1, 16, batch_first=True); self.o = nn.Linear(16, 1)
    def forward(self, x): return self.o(self.r(x)[0][:, -1])
def main(lr=1e-6):  #! def main(lr=1e-1):
    net = L(); opt = torch.optim.SGD(net.parameters(), lr=lr)  #+
    for i in range(80):
        x = torch.randn(32, 8, 1); y = x[:, -1] * 2 + 1
        loss = nn.functional.mse_loss(net(x), y); opt.zero_grad(); loss.backward(); opt.step()
main()
