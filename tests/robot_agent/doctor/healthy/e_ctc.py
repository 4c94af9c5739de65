import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.rnn, self.fc = nn.LSTM(6, 32, bidirectional=True), nn.Linear(64, 6)
    def forward(self, x): return self.fc(self.rnn(x)[0]).log_softmax(2)
net = Net(); opt = torch.optim.Adam(net.parameters(), 1e-2); ctc = nn.CTCLoss(blank=0)
for s in range(50):
    words = torch.randint(1, 6, (16, 4))
    x = nn.functional.one_hot(words.repeat_interleave(3, 1), 6).float().transpose(0, 1) + 0.1 * torch.randn(12, 16, 6)
    loss = ctc(net(x), words, torch.full((16,), 12), torch.full((16,), 4))
    opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 5.0); opt.step()
print(loss.item())
